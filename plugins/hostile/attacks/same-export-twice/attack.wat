;; Exports two things of the same name.
(component
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring))
  (instance $other)
  (export "groundswell:plugin/scoring@0.1.0" (instance $other)))
