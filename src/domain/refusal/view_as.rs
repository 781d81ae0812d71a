//! The refusals of views: staff see an organization as its admin does.

use super::table::refusals;

refusals! { ViewRefusal;
    ReasonMissing, "view-reason-missing", Some("reason"),
        "Say in a few words why you look; the audit log keeps it.";
    Minutes, "view-minutes", Some("minutes"),
        "A view lasts 1 to 60 minutes.";
    OnlyReads, "view-only-reads", None,
        "You see this organization as its admin, and can only read. End the view first.";
    HasNoAccount, "view-has-no-account", None,
        "You see this organization as its admin. End the view to reach your own account.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_as::ViewAs;

    #[test]
    fn the_sentence_names_the_limit_that_holds() {
        let sentence = ViewRefusal::Minutes.to_string();
        assert!(sentence.contains(&format!("1 to {} minutes", ViewAs::MOST_MINUTES)), "{sentence}");
    }
}
