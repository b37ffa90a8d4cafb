using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace AdminPortal.Features.Jobs;

/// <summary>The buttons for a selection of instances. What is agreed to in the review becomes a job, whose page opens.</summary>
public sealed partial class BulkBar
{
    private static readonly IReadOnlyList<(JobKind Kind, string Icon)> Offered =
    [
        (JobKind.Validate, "check"),
        (JobKind.AddTags, "tag"),
        (JobKind.RemoveTags, "x"),
        (JobKind.Enable, "check-circle"),
        (JobKind.Disable, "pause"),
        (JobKind.Export, "download"),
        (JobKind.Delete, "trash"),
    ];

    private bool _asking;

    /// <summary>The instances that are meant.</summary>
    [Parameter, EditorRequired]
    public required InstanceSelection Selection { get; set; }

    /// <summary>How many they are, as far as the list knows.</summary>
    [Parameter, EditorRequired]
    public required int Count { get; set; }

    /// <summary>A job was started: the selection has served.</summary>
    [Parameter]
    public EventCallback Done { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    private async Task ReviewAsync(JobKind kind)
    {
        if (_asking) return;
        _asking = true;
        try
        {
            var job = await Dialogs.ShowAsync<BulkReviewDialog>(
                L[$"Title.{kind}"], new() { [nameof(BulkReviewDialog.Selection)] = Selection, [nameof(BulkReviewDialog.Kind)] = kind });
            if (job is not Guid id) return;
            await Done.InvokeAsync();
            Navigation.NavigateTo(JobAddress.Of(id));
        }
        finally
        {
            _asking = false;
        }
    }
}
