using AdminPortal.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Providers;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace AdminPortal.Features.Attempts;

/// <summary>The wizard: which attempt and which step is in the address, everything else in the draft's row.</summary>
public sealed partial class Wizard
{
    // What was typed for a new provider app lives as long as the page: it is stored with "Continue".
    private readonly ProviderAppInput _newApp = new();
    private AttemptView? _attempt;
    private WizardStep _step;
    private bool _ready;
    private bool _missing;

    [Inject]
    public required AttemptService Attempts { get; set; }

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter]
    public Guid? AttemptId { get; set; }

    [Parameter]
    public string? StepName { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (AttemptId is not { } id)
        {
            (_attempt, _step, _missing, _ready) = (null, WizardStep.Element, false, true);
            return;
        }

        var attempt = await Attempts.FindAsync(id, CancellationToken.None);
        if (attempt is null || WizardAddress.Find(StepName) is not { } step)
        {
            (_missing, _ready) = (true, false);
            return;
        }

        if (!attempt.IsEditable)
        {
            Navigation.NavigateTo($"/connect/{id}", replace: true);
            return;
        }

        if (!attempt.Steps.Contains(step))
        {
            Navigation.NavigateTo(WizardAddress.Of(id, attempt.Steps.Contains(attempt.Step) ? attempt.Step : WizardStep.Review), replace: true);
            return;
        }

        if (attempt.Step != step) await Drafts.GoToAsync(id, step, await SignedIn.ActorAsync(), CancellationToken.None);
        (_attempt, _step, _missing, _ready) = (attempt, step, false, true);
    }
}
