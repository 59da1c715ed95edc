//! Which commands and steps of machines can change who may release what. Everything exeat journals stands here, put into its
//! class by hand: a command that is missing, or that changes a count, a member or a policy and is not replayed, fails
//! `rules::replayed`.

/// What a replay reads.
pub const COUNTS: &[&str] = &[
    // people and roles
    "bootstrap_admin",
    "add_login",
    "add_service",
    "add_membership",
    "end_membership",
    "membership_ended",
    "sync_people",
    // places and policies
    "add_project",
    "move_project",
    "close_project",
    "confirm_project",
    "drop_project_change",
    "set_policy",
    "confirm_policy",
    // files
    "register_submission",
    "intake",
    "intake_missing",
    // decisions
    "ask_destination",
    "cast_vote",
    "undo_vote",
    "lapse_votes",
    "withdraw",
    "recall",
    "restore",
    // releases
    "claim_release",
    "finish_release",
    "fail_release",
    // whose heads count
    "renew_proof",
    "confirm_renewal",
    // the schema
    "migrate",
    "take_over",
];

/// What decides nothing about a release.
pub const OTHERS: &[&str] = &[
    "add_comment",
    "add_credential",
    "add_grant",
    "add_key",
    "add_person",
    "add_to_team",
    "allow_request",
    "amend_grant",
    "ask_refresh",
    "ask_ticket",
    "ask_upload",
    // What it moves is told by lapse_votes.
    "check_signature",
    // The chain's own heads read it, and it proves itself.
    "change_key",
    "claim",
    "claim_request",
    "comment_request",
    "confirm_key",
    "deny_request",
    "edit_request",
    "end_credential",
    "end_download",
    "end_in_team",
    "end_key",
    // One that commits beside a vote is not seen by it.
    "end_service",
    "end_session",
    "finish_recall",
    "foreign_object",
    "issue_permit",
    "move_permit",
    "new_request",
    "patch_request",
    "pause_permits",
    "pause_project",
    "project_fault",
    "proof_fault",
    "refusals_counted",
    "register_grant",
    "report_workspace",
    "resume_project",
    "revoke_grant",
    "rotate_credential",
    "set_iva",
    "set_setting",
    "settle_outputs",
    "submit_output",
    "switch_workspace",
    "sync_datasets",
    "take_back_permit",
    "unclaim",
    "unclaim_request",
    "unproved",
    "withdraw_submission",
];

/// Whether a replay reads it.
pub(super) fn counts(command: &str) -> bool {
    COUNTS.contains(&command)
}
