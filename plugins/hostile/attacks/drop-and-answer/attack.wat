;; Gives its model back, and answers with it all the same.
(func $fit (param i32 i32 i32 i32) (result i32)
  (local $model i32)
  (local.set $model (call $resource-new (i32.const 1)))
  (call $resource-drop (local.get $model))
  (i32.store8 (i32.const 0x400) (i32.const 0))
  (i32.store (i32.const 0x404) (local.get $model))
  (i32.const 0x400))
