//! The settings that the environment fixes.

use super::{SettingName, SettingValues};
use crate::refusal::Refusal;

/// The settings that the environment fixes, with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedSettings(Vec<(SettingName, String)>);

impl FixedSettings {
    /// Fixes a setting, if the text is one of its values.
    pub fn fix(&mut self, name: SettingName, text: &str) -> Result<(), Refusal> {
        SettingValues::default().set(name, text)?;
        self.0.push((name, text.to_owned()));
        Ok(())
    }

    pub fn has(&self, name: SettingName) -> bool {
        self.0.iter().any(|(fixed, _)| *fixed == name)
    }

    /// Puts the fixed values over these.
    pub fn apply(&self, values: &mut SettingValues) {
        for (name, text) in &self.0 {
            // `fix` has set the same text.
            let _ = values.set(*name, text);
        }
    }
}
