;; Traps while it is made.
(func $main (unreachable))
(start $main)
