//! Which person of the organization a row is about. The external id comes before the e-mail
//! address, because an address can change.

use crate::id::DirectoryUserId;

/// A person of the organization with the external id or the address of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPerson {
    pub id: DirectoryUserId,
    /// The person is anything but removed.
    pub is_live: bool,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// A person who is not known.
    New,
    Person(DirectoryUserId),
    /// A person that a directory names by id. The directory decides about them, and the row
    /// changes nothing: a file that is older than the directory must not bring a person back.
    OfDirectory,
    /// Several people, so that the row cannot be taken.
    Several,
}

/// The person that a row is about, by those who have its external id and those who have its
/// address. `has_directory`: a directory decides about the people that it names.
pub fn matched(
    by_external_id: &[KnownPerson],
    by_email: &[KnownPerson],
    has_directory: bool,
) -> Match {
    let live = |people: &[KnownPerson]| {
        let live = people.iter().filter(|person| person.is_live);
        live.map(|person| person.id.clone()).collect::<Vec<_>>()
    };
    let (named, addressed) = (live(by_external_id), live(by_email));
    let of_directory = |id: &DirectoryUserId| has_directory && !id.is_by_email();
    match (named.as_slice(), addressed.as_slice()) {
        ([], []) => among_removed(by_external_id, by_email, has_directory),
        (people, []) | ([], people) if people.iter().any(of_directory) => Match::OfDirectory,
        ([one], []) | ([], [one]) => Match::Person(one.clone()),
        ([named], [addressed]) if named == addressed && of_directory(named) => Match::OfDirectory,
        ([named], [addressed]) if named == addressed => Match::Person(named.clone()),
        _ => Match::Several,
    }
}

/// Only removed people fit: one that a directory removed does not come back by a file.
fn among_removed(
    by_external_id: &[KnownPerson],
    by_email: &[KnownPerson],
    has_directory: bool,
) -> Match {
    let mut all = by_external_id.iter().chain(by_email).map(|person| &person.id);
    if has_directory && all.clone().any(|id| !id.is_by_email()) {
        return Match::OfDirectory;
    }
    all.next().map_or(Match::New, |id| Match::Person(id.clone()))
}
