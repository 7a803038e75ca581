;; Makes handles for ever, and gives none back.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (loop $on (drop (call $resource-new (i32.const 1))) (br $on))
  (unreachable))
