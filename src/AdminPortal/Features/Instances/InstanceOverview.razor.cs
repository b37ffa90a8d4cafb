using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Instances;

/// <summary>An instance's first page: what it is called, how its checks went, what is known of it, and what to do with it next.</summary>
public sealed partial class InstanceOverview
{
    [Parameter]
    public Guid Id { get; set; }
}
