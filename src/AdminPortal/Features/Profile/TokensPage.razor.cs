using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Users;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;

namespace AdminPortal.Features.Profile;

/// <summary>A person's API tokens; an administrator sees everybody's.</summary>
public sealed partial class TokensPage
{
    private IReadOnlyList<ApiTokenLine> _own = [];
    private IReadOnlyList<ApiTokenLine>? _others;
    private IReadOnlyList<Problem> _problems = [];
    private MadeApiToken? _made;
    private ProofKind? _asked;
    private string? _proofMessage;
    private EditContext _form = null!;
    private ValidationMessageStore _messages = null!;
    private Actor _actor = Actor.Nobody;

    [Inject]
    public required ApiTokenService Tokens { get; set; }

    [Inject]
    public required PersonProof Proof { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [SupplyParameterFromForm(Name = nameof(Input), FormName = "make-token")]
    private TokenForm? Posted { get; set; }

    /// <summary>The password or code, where it was asked for; it is never rendered back.</summary>
    [SupplyParameterFromForm(Name = PersonProof.Field, FormName = "make-token")]
    private string? Secret { get; set; }

    [SupplyParameterFromQuery]
    private bool Revoked { get; set; }

    private TokenForm Input => Posted ??= new() { Read = true };

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _form = new EditContext(Input);
        _messages = new ValidationMessageStore(_form);
        _actor = await SignedIn.ActorAsync();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        _own = await Tokens.ListAsync(_actor, CancellationToken.None);
        if (Permissions.Allows(_actor, Operation.ManagePeople) && await Tokens.ListOthersAsync(_actor, CancellationToken.None) is { Succeeded: true } others) _others = others.Value;
    }

    private async Task MakeAsync()
    {
        if (!string.IsNullOrEmpty(Secret) && await Proof.ConfirmAsync(_actor, Secret, CancellationToken.None) is { Succeeded: false } wrong)
        {
            (_asked, _proofMessage) = (await Proof.FindKindAsync(_actor, CancellationToken.None), wrong.Problems[0].Message);
            return;
        }

        var made = await Tokens.MakeAsync(Input.ToInput(), _actor, CancellationToken.None);
        if (made.Succeeded)
        {
            _made = made.Value;
            await LoadAsync();
            return;
        }

        foreach (var problem in made.Problems)
        {
            // The scopes' sentence stands below them, and belongs to the first.
            if (problem.Field is { } field) _messages.Add(_form.Field(field == nameof(ApiTokenInput.Scopes) ? nameof(TokenForm.Read) : field), problem.Message);
        }

        _problems = made.Problems;
        // The page has no circuit to ask in a dialog: it asks in the form, which keeps what was chosen.
        if (made.Problems[0].Kind == ProblemKind.ConfirmationNeeded) _asked = await Proof.FindKindAsync(_actor, CancellationToken.None);
    }

    private async Task RevokeAsync(Guid id)
    {
        var ended = await Tokens.RevokeAsync(id, _actor, CancellationToken.None);
        if (ended.Succeeded) Navigation.NavigateTo("/me/tokens?revoked=true");
        else _problems = ended.Problems;
    }

    private bool May(ApiScope scope) => ApiScopes.Allows(_actor.Role, scope);

    private static string Mark(ApiTokenState state) => state == ApiTokenState.Good ? "check" : "lock";

    private static Tone ToneOf(ApiTokenState state) => state == ApiTokenState.Good ? Tone.Good : Tone.Neutral;
}
