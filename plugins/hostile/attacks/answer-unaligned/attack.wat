;; Answers at an address where no list may stand.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (i32.const 0x501))
