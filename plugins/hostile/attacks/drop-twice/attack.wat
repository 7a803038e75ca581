;; Gives a handle back twice.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (local $model i32)
  (local.set $model (call $resource-new (i32.const 1)))
  (call $resource-drop (local.get $model))
  (call $resource-drop (local.get $model))
  (unreachable))
