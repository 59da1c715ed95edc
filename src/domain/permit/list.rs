//! The words of lists of permits: statuses, stages, moves. Part of [`super`].

use serde::{Deserialize, Serialize};

use crate::domain::words::words;

words!(
    /// Where a permit stands.
    Status, "status", {
        /// It is issued; ingress has to be initiated.
        AwaitingIngress = "AWAITING_INGRESS",
        /// The data holders upload.
        IngressInProgress = "INGRESS_IN_PROGRESS",
        /// The data is prepared.
        PreparationPending = "DATA_PREPARATION_PENDING",
        /// The data is prepared once more.
        PreparationRework = "DATA_PREPARATION_REWORK",
        /// The prepared data is reviewed.
        PreparationReviewPending = "DATA_PREPARATION_REVIEW_PENDING",
        /// The workspace is set up.
        SetupPending = "WORKSPACE_SETUP_PENDING",
        /// The workspace is set up once more.
        SetupRework = "WORKSPACE_SETUP_REWORK",
        /// The workspace is reviewed.
        SetupReviewPending = "WORKSPACE_SETUP_REVIEW_PENDING",
        /// The data is analysed.
        AnalysisActive = "ANALYSIS_ACTIVE",
        /// The analysis stands still.
        AnalysisPaused = "ANALYSIS_PAUSED",
        /// It is over.
        Archived = "ARCHIVED",
        /// It was taken back.
        Revoked = "REVOKED",
        /// All of it is gone but this row.
        Deleted = "DELETED",
    }
);
words!(
    /// A part of a permit's life.
    Stage, "stage", {
        /// The data comes in.
        Ingress = "ingress",
        /// The data is prepared.
        Preparation = "preparation",
        /// The workspace is set up.
        Setup = "setup",
        /// The data is analysed.
        Analysis = "analysis",
        /// Nothing more happens.
        Over = "over",
    }
);
words!(
    /// What moves a permit.
    Move, "move", {
        /// Let the data holders upload.
        InitiateIngress = "initiate_ingress",
        /// Say that the data is there.
        ConfirmUpload = "confirm_upload",
        /// Hand the prepared data to its reviewer.
        SubmitPreparation = "submit_preparation",
        /// Approve it.
        ApprovePreparation = "approve_preparation",
        /// Ask for it once more.
        ReworkPreparation = "rework_preparation",
        /// Hand the workspace to its reviewer.
        SubmitSetup = "submit_setup",
        /// Approve it: the analysis begins.
        ApproveSetup = "approve_setup",
        /// Ask for it once more.
        ReworkSetup = "rework_setup",
        /// Let the analysis stand still.
        Pause = "pause",
        /// Let it go on.
        Resume = "resume",
        /// End it.
        Archive = "archive",
        /// Take it back; two persons.
        Revoke = "revoke",
        /// Let all of it go; two persons.
        Delete = "delete",
    }
);

words!(
    /// Which way a move leads.
    Way, "way", {
        /// To the next place.
        On = "on",
        /// To who did what was reviewed.
        Back = "back",
        /// Beside the way: to stand still, or over when it is done.
        Aside = "aside",
        /// To an end before its time.
        End = "end",
    }
);

impl Default for Status {
    /// Nothing can be done with it.
    fn default() -> Self {
        Self::Deleted
    }
}

impl Default for Stage {
    /// As of its status.
    fn default() -> Self {
        Self::Over
    }
}

impl Status {
    /// As sentences have it: `analysis active`.
    #[must_use]
    pub fn said(self) -> String {
        self.word().to_lowercase().replace('_', " ")
    }
}
