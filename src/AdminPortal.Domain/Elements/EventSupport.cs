using System.Text.Json;
using System.Text.Json.Nodes;

namespace AdminPortal.Domain.Elements;

/// <summary>An element's polling events.</summary>
/// <param name="Resources">The resources that can be polled, with the poller entry each starts from.</param>
public sealed record EventSupport(IReadOnlyList<PolledResource> Resources)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default };

    /// <summary>
    /// The value of <c>event.poller.configuration</c> for some of the resources: an object with one poller entry for
    /// each (platform contract, section 3).
    /// </summary>
    public JsonObject PollerConfiguration(IEnumerable<string> resources)
    {
        var chosen = resources.ToHashSet(StringComparer.Ordinal);
        var configuration = new JsonObject();
        foreach (var resource in Resources.Where(resource => chosen.Contains(resource.Name)))
            configuration[resource.Name] = resource.PollerEntry();
        return configuration;
    }

    /// <summary>The same as indented text, as a person edits it.</summary>
    public string PollerConfigurationText(IEnumerable<string> resources) => Write(PollerConfiguration(resources));

    /// <summary>Any poller configuration as indented text.</summary>
    internal static string Write(JsonObject configuration) => configuration.ToJsonString(Indented);
}
