;; Imports a log that takes other things than the contract's.
(component
  (import "groundswell:plugin/log@0.1.0" (instance (export "log" (func (param "address" u64)))))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
