using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>What becomes of an answer's body.</summary>
[JsonConverter(typeof(CamelCase))]
internal enum FaultShape
{
    /// <summary>Text that is no JSON.</summary>
    Malformed,

    /// <summary>Half of it, as if that were all.</summary>
    Truncated,

    /// <summary>Half of it, and then the connection breaks.</summary>
    Cut,

    /// <summary>A page for people, as gateways and captive portals answer.</summary>
    Html,

    /// <summary>None.</summary>
    Empty,
}
