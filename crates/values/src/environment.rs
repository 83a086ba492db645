/// Where the gateway runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Real traffic. Any value other than `development` means production.
    Production,
    /// A developer's machine: some checks are relaxed.
    Development,
}
