;; Answers with a list of a billion scores, which would not fit into any memory.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (i32.store8 (i32.const 0x500) (i32.const 0))
  (i32.store (i32.const 0x504) (i32.const 0x10000))
  (i32.store (i32.const 0x508) (i32.const 1000000000))
  (i32.const 0x500))
