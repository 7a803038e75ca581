;; Logs at a level that does not exist.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (call $log (i32.const 9) (i32.const 0x1090) (i32.const 10))
  (unreachable))
