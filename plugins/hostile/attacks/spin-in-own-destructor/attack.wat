;; Gives a model back itself, and never finishes cleaning up behind it.
(func $destroy (param i32) (loop $on (br $on)))
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (call $resource-drop (call $resource-new (i32.const 1)))
  (unreachable))
