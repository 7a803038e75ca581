;; Describes a billion inputs.
(func $describe (result i32)
  (i32.store (i32.const 0x11c) (i32.const 1000000000))
  (i32.const 0x100))
