;; Imports two things of the same name.
(component
  (import "groundswell:plugin/log@0.1.0" (instance))
  (import "groundswell:plugin/log@0.1.0" (instance))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
