using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Elements;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Connect;

/// <summary>The last step: everything at a glance, the pre-flight, and the way out to Infusionsoft.</summary>
public sealed partial class ReviewStep : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<CheckLine>? _lines;
    private (string OAuthUrl, string Create)? _curl;
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

    [Parameter, EditorRequired]
    public required AttemptView Attempt { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _curl = await Preview.WriteAsync(Attempt.Id, CancellationToken.None);
        try
        {
            var lines = await Consents.CheckAsync(Attempt.Id, _left.Token);
            // The person may already have pressed the button; its lines say more.
            _lines ??= lines;
        }
        catch (OperationCanceledException)
        {
            // The page was left while the platform was asked.
        }
    }

    private string Link(WizardStep step) => WizardAddress.Of(Attempt.Id, step);

    private async Task AuthorizeAsync()
    {
        if (_busy) return;
        _busy = true;
        var lines = await Consents.AuthorizeAsync(Attempt.Id, CancellationToken.None);
        _lines = lines;
        if (lines.All(line => line.Level != CheckLevel.Failed))
        {
            // An endpoint, not a page: it sets the cookie that binds this browser.
            Navigation.NavigateTo($"/connect/{Attempt.Id}/go", forceLoad: true);
            return;
        }

        _busy = false;
        StateHasChanged();
        await Js.InvokeVoidAsync("portal.focus", "#review-checks");
    }

    private void Back() => Navigation.NavigateTo(Link(WizardFlow.Previous(Attempt.Element, WizardStep.Review, Attempt.IsReauthentication)));
}
