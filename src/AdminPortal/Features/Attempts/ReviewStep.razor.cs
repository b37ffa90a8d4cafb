using AdminPortal.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Attempts;

/// <summary>The last step: everything at a glance, the pre-flight, and the way out to Infusionsoft.</summary>
public sealed partial class ReviewStep
{
    private readonly HashSet<string> _accepted = [];
    private IReadOnlyList<CheckLine> _lines = [];
    private IReadOnlyList<CheckLine> _asks = [];
    private (string OAuthUrl, string Create)? _curl;
    private bool _checking = true;
    private bool _busy;

    [Inject]
    public required ConsentService Consents { get; set; }

    [Inject]
    public required RequestPreview Preview { get; set; }

    [Inject]
    public required PortalAddresses Addresses { get; set; }

    [Inject]
    public required FieldCheck Fields { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [CascadingParameter]
    private ForwardedAddress? Forwarded { get; set; }

    [Parameter, EditorRequired]
    public required AttemptView Attempt { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _curl = await Preview.WriteAsync(Attempt.Id, CancellationToken.None);
        try
        {
            var lines = await Consents.CheckAsync(Attempt.Id, Context, Show, await SignedIn.ActorAsync(), Left);
            Show(lines, last: true);
        }
        catch (OperationCanceledException)
        {
            // The page was left while the platform was asked.
        }
    }

    private PreflightContext Context => new() { BrowserAddress = Navigation.BaseUri, Forwarded = Forwarded, Accepted = _accepted };

    private string Link(WizardStep step) => WizardAddress.Of(Attempt.Id, step);

    // Lines come as they are there, from wherever they were found out.
    private void Show(IReadOnlyList<CheckLine> lines) => _ = InvokeAsync(() => Show(lines, last: false));

    private void Show(IReadOnlyList<CheckLine> lines, bool last)
    {
        // The person may already have pressed the button; its lines say more.
        if (!_checking || Left.IsCancellationRequested) return;
        (_lines, _checking) = (lines, !last);
        StateHasChanged();
    }

    private async Task AuthorizeAsync()
    {
        if (_busy) return;
        _busy = true;
        var authorization = await Consents.AuthorizeAsync(Attempt.Id, Context, await SignedIn.ActorAsync(), CancellationToken.None);
        (_lines, _asks, _checking) = (authorization.Lines, authorization.Asks, false);
        if (authorization.MayLeave)
        {
            // An endpoint, not a page: it sets the cookie that binds this browser.
            Navigation.NavigateTo($"/connect/{Attempt.Id}/go", forceLoad: true);
            return;
        }

        _busy = false;
        StateHasChanged();
        await Js.InvokeVoidAsync("portal.focus", _asks.Count > 0 ? "#review-ask" : "#review-checks");
    }

    // Everything is checked once more; what is new among the warnings is asked about again.
    private async Task LeaveAllTheSameAsync()
    {
        if (_busy) return;
        _accepted.UnionWith(_asks.Select(line => line.Key));
        await AuthorizeAsync();
    }

    private async Task BackToChecksAsync()
    {
        if (_busy) return;
        _asks = [];
        StateHasChanged();
        await Js.InvokeVoidAsync("portal.focus", "#review-checks");
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        if (key.Key == "Escape") await BackToChecksAsync();
    }

    private void Back() => Navigation.NavigateTo(Link(WizardFlow.Previous(Attempt.Element, WizardStep.Review, Attempt.IsReauthentication)));
}
