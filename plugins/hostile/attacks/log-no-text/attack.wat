;; Logs bytes that are no text.
(data $noise (i32.const 0x1100) "\ff\fe\c0\80")
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (call $log (i32.const 2) (i32.const 0x1100) (i32.const 4))
  (unreachable))
