;; Imports a clock, which no host offers.
(component
  (import "attack:clock/clock" (instance (export "now" (func (result u64)))))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
