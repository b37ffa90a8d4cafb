using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Instances;

/// <summary>An instance's first page: what it is called, what is known of it, and what to do with it next.</summary>
public sealed partial class InstanceOverview
{
    [Parameter]
    public Guid Id { get; set; }

    private static string ApiBaseUrl(InstanceView instance) => $"{instance.AccountBaseUrl}/elements/api-v2";

    private string CurlExample(InstanceView instance) =>
        $"""
         curl '{ApiBaseUrl(instance)}/ping' \
           -H 'Authorization: User <{L["Next.UserSecret"]}>, Organization <{L["Next.OrganizationSecret"]}>, Element <{L["Next.Token"]}>' \
           -H 'Accept: application/json'
         """;
}
