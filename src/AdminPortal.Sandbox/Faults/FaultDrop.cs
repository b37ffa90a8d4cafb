using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Whether, and when, a fault breaks the connection.</summary>
internal enum FaultDrop
{
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Before the call was carried out.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>After it was carried out, so that the caller cannot know.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}
