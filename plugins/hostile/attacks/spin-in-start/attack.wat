;; Never finishes being made.
(func $main (loop $on (br $on)))
(start $main)
