using System.Globalization;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Faults;

/// <summary>
/// What the platform knows of a request beside what stands in it, so that a fault for one attempt finds its later calls too: the
/// consent that a code is of, and the instance that a call is about, with the consent that it was made by.
/// </summary>
internal sealed class KnownWords(Tenant tenant, Authenticator authenticator)
{
    public IEnumerable<string> Of(HttpRequest request, string call, JsonNode? body)
    {
        var code = body is JsonObject json ? InstanceDraft.From(json).Draft?.Code : null;
        return Of(code is null ? null : tenant.FindCode(code)).Concat(Instances(request, call).SelectMany(Of));
    }

    private IEnumerable<Instance> Instances(HttpRequest request, string call) => call.Split([' ', '/'], StringSplitOptions.RemoveEmptyEntries) switch
    {
        [_, "instances", var id, ..] when tenant.Find(InstanceEndpoints.Number(id)) is { } instance => [instance],

        // A list without a tag is of everybody, and belongs to nobody.
        [_, "instances"] or [_, "elements", _, "instances"] =>
            InstanceQuery.From(request.Query).Query is { Tags.Count: > 0 } query ? tenant.After(0).Where(query.Matches) : [],
        _ => authenticator.Check(request)?.Instance is { } owner ? [owner] : [],
    };

    private static IEnumerable<string> Of(Instance instance) =>
        [instance.Id.ToString(CultureInfo.InvariantCulture), instance.Name, .. instance.Tags, .. Of(instance.AuthorizedBy)];

    private static IEnumerable<string> Of(IssuedCode? consent) => consent is null ? [] : [consent.ClientId, consent.State ?? string.Empty];
}
