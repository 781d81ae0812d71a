//! The names that several organizations on one page have: the page shows the id beside such a name.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::OrganizationId,
    text::{ExternalText, folded},
};
use leptos::prelude::*;

/// The names as keys, so that names that only look the same are shared, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedNames(BTreeSet<String>);

impl SharedNames {
    pub fn among<'a>(all: impl Iterator<Item = (&'a OrganizationId, &'a ExternalText)>) -> Self {
        let (mut owners, mut shared) = (BTreeMap::new(), BTreeSet::new());
        for (id, name) in all {
            let key = folded(name.as_str());
            if owners.insert(key.clone(), id).is_some_and(|other| other != id) {
                shared.insert(key);
            }
        }
        Self(shared)
    }

    /// The id, if the name alone does not say which organization it is.
    pub fn id_beside(&self, id: &OrganizationId, name: &ExternalText) -> Option<AnyView> {
        let is_shared = self.0.contains(&folded(name.as_str()));
        is_shared.then(|| {
            view! {
                <code class="id__text quiet" dir="ltr">
                    {ExternalText::new(id.as_str()).to_string()}
                </code>
            }
            .into_any()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shared_by_two_organizations_and_not_by_one_that_is_named_twice() {
        let of = |all: &[(&str, &str)]| {
            let all: Vec<_> = all
                .iter()
                .map(|(id, name)| (OrganizationId::new(*id), ExternalText::new(name)))
                .collect();
            SharedNames::among(all.iter().map(|(id, name)| (id, name)))
                .0
                .into_iter()
                .collect::<Vec<_>>()
        };

        assert_eq!(
            of(&[("org_1", "Acme"), ("org_2", "Zoë"), ("org_1", "Acme"), ("org_3", "Zoe\u{308}")]),
            ["zoe"]
        );
        assert_eq!(of(&[("org_1", "Acme"), ("org_2", "Umbrella")]), [""; 0]);
    }
}
