;; Has the host write what it is asked where no number may stand.
(func $realloc (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
  (i32.const 0x40001))
