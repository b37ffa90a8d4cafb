using System.Globalization;
using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Jobs;

/// <summary>Says what a job would do, to how many and to which, asks for what it needs, and starts it.</summary>
public sealed partial class BulkReviewDialog
{
    private readonly JobTags _input = new();
    private readonly EditContext _form;
    private FormValidator<JobTags>? _validator;
    private JobReview? _review;
    private IReadOnlyList<Problem> _problems = [];
    private string _typed = "";
    private bool _mistyped;
    private bool _starting;

    public BulkReviewDialog() => _form = new EditContext(_input);

    /// <summary>The instances that are meant.</summary>
    [Parameter, EditorRequired]
    public required InstanceSelection Selection { get; set; }

    /// <summary>What is to be done to them.</summary>
    [Parameter, EditorRequired]
    public required JobKind Kind { get; set; }

    [Inject]
    public required BulkJobService Jobs { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    private bool NeedsTags => Kind is JobKind.AddTags or JobKind.RemoveTags;

    /// <inheritdoc />
    protected override Task OnInitializedAsync() => ReviewAsync();

    private async Task ReviewAsync()
    {
        try
        {
            var review = await Jobs.ReviewAsync(Selection, Kind, _input.Tags, Left);
            if (review.Succeeded) _review = review.Value;
            else _problems = review.Problems;
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // Closed while it was counting.
        }
    }

    private Task TagsChangedAsync(IReadOnlyList<string> tags)
    {
        _input.Tags = tags;
        return ReviewAsync();
    }

    private async Task SubmitAsync()
    {
        if (_starting) return;
        _problems = [];
        if (NeedsTags && !_form.Validate())
        {
            await Js.InvokeVoidAsync("portal.focus", "#bulk-tags");
            return;
        }

        _mistyped = Kind == JobKind.Delete && Number(_typed) != _review!.Total;
        if (_mistyped)
        {
            await Js.InvokeVoidAsync("portal.focus", "#bulk-count");
            return;
        }

        _starting = true;
        try
        {
            // What cannot be undone is done to as many as were agreed to, and otherwise to none.
            var started = await Confirmation.RunAsync(async () => await Jobs.StartAsync(
                Selection, Kind, _input.Tags, await SignedIn.ActorAsync(), CancellationToken.None, Kind == JobKind.Delete ? _review!.Total : null));
            if (started.Succeeded)
            {
                Dialogs.Close(started.Value);
                return;
            }

            _problems = _validator?.Show(started.Problems) ?? started.Problems;
            await ReviewAsync();
        }
        finally
        {
            _starting = false;
        }
    }

    // As it stands in the sentence above the field, or without its grouping.
    private static int? Number(string typed) =>
        int.TryParse(typed.Trim(), NumberStyles.AllowThousands, CultureInfo.CurrentCulture, out var number) ? number : null;
}
