using System.Text.Json.Nodes;

namespace AdminPortal.Provisioning.Tests.Support;

internal static class JsonAssertions
{
    /// <summary>The same JSON; the order of an object's entries does not matter.</summary>
    public static void ShouldBeJson(this string actual, string expected) =>
        JsonNode.DeepEquals(JsonNode.Parse(actual), JsonNode.Parse(expected)).ShouldBeTrue(actual);
}
