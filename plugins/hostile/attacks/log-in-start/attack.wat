;; Logs while it is made, when nobody has asked anything.
(func $main (loop $on (call $log (i32.const 2) (i32.const 0x1090) (i32.const 10)) (br $on)))
(start $main)
