;; Answers with a list that begins at the end of memory and goes on at its beginning.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (i32.store8 (i32.const 0x500) (i32.const 0))
  (i32.store (i32.const 0x504) (i32.const 0xfffffff8))
  (i32.store (i32.const 0x508) (i32.const 0x20000000))
  (i32.const 0x500))
