;; Is a definition, and exports a metric beside it.
(component
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring))
  (instance $measuring)
  (export "groundswell:plugin/measuring@0.1.0" (instance $measuring)))
