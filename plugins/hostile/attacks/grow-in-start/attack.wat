;; Takes memory, a page at a time, while it is made.
(func $main (loop $on (drop (memory.grow (i32.const 1))) (br $on)))
(start $main)
