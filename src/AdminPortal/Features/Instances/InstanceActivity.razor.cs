using AdminPortal.Features.Activity;
using AdminPortal.Provisioning.Activity;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Instances;

/// <summary>What was done to one instance, by itself or as part of a job.</summary>
public sealed partial class InstanceActivity
{
    private ActivityQuery _query = new();
    private ActivityPage? _page;

    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    public required ActivityService Record { get; set; }

    [SupplyParameterFromQuery]
    private string? Before { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        var asked = ActivityAddress.Read(key => key switch { "before" => Before, "after" => After, _ => null });
        _query = new ActivityQuery { InstanceId = Id, Before = asked.Before, After = asked.After };
        _page = await Record.ListAsync(_query, CancellationToken.None);
    }
}
