//! What is known of a site beside the language: filled by the desk from what is on screen, read by completion.

/// What is known besides the language itself; the desk takes it from what is on screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Project ids.
    pub projects: Vec<String>,
    /// Destinations.
    pub destinations: Vec<String>,
    /// Logins.
    pub people: Vec<String>,
    /// Extensions and media types.
    pub kinds: Vec<String>,
    /// Rules that found something.
    pub rules: Vec<String>,
    /// Accessions of datasets.
    pub datasets: Vec<String>,
    /// Data access committees.
    pub committees: Vec<String>,
    /// The site's tickets.
    pub tickets: Vec<String>,
    /// Roles that something waits for.
    pub roles: Vec<String>,
}

impl Known {
    /// Notes a value in one of the lists, in order; a list that is full stays as it is.
    pub fn note(list: &mut Vec<String>, value: &str) {
        if let Err(at) = list.binary_search_by(|have| have.as_str().cmp(value))
            && list.len() < 1000
            && !value.is_empty()
        {
            list.insert(at, value.to_owned());
        }
    }
}
