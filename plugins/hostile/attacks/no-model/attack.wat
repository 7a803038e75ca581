;; Answers with the handle 0, which is nobody's.
(func $fit (param i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 0x400) (i32.const 0))
  (i32.store (i32.const 0x404) (i32.const 0))
  (i32.const 0x400))
