/// Where the gateway runs; what is allowed only to developers asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Real traffic. Everything that is not called `development` is this.
    Production,
    /// Somebody's machine.
    Development,
}
