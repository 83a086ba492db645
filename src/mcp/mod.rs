//! The server of the Model Context Protocol: tools for agents, each of which calls the handler of a route
//! (docs/contract/mcp.md).

pub mod arguments;
pub mod results;
#[cfg(not(target_arch = "wasm32"))]
pub mod schema;
pub mod server;
pub mod tools;
pub mod websites;
pub mod wire;
