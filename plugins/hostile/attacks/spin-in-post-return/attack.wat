;; Answers, and never finishes cleaning up behind the answer.
(func $clean (param i32) (loop $on (br $on)))
(export "cabi_post_groundswell:plugin/scoring@0.1.0#[method]model.score" (func $clean))
