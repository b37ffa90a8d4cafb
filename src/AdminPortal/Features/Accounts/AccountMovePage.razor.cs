using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Accounts;

/// <summary>Form for moving an account to another host, with the list of what moves.</summary>
public sealed partial class AccountMovePage
{
    private AccountInput _input = new();
    private AccountMove? _move;
    private FormValidator<AccountInput>? _validator;
    private IReadOnlyList<Problem> _problems = [];
    private bool _gone;
    private bool _moving;
    private bool _needsApproval;

    [Inject]
    public required AccountMoveService Moves { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter]
    public Guid Id { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_move?.Account.Id == Id) return;
        _move = await Moves.FindAsync(Id, CancellationToken.None);
        _gone = _move is null;
        if (_move is null) return;
        _input = new AccountInput
        {
            Id = Id, Name = _move.Account.Name, SignInHosts = string.Join('\n', _move.Account.SignInHosts), CheckEveryMinutes = _move.Account.CheckEveryMinutes,
        };
    }

    private async Task MoveAsync()
    {
        if (_moving) return;
        (_moving, _problems) = (true, []);
        Result<Done> moved;
        try
        {
            moved = await Confirmation.RunAsync(async () => await Moves.MoveAsync(_input, await SignedIn.ActorAsync(), CancellationToken.None));
        }
        finally
        {
            _moving = false;
        }

        if (moved.Succeeded)
        {
            Navigation.NavigateTo("/accounts", new NavigationOptions { HistoryEntryState = _input.Name });
            return;
        }

        _needsApproval = moved.Problems.Any(problem => problem.Kind == ProblemKind.ApprovalNeeded);
        _problems = _validator!.Show(moved.Problems);
        await FocusInvalidAsync();
    }

    private async Task<Result<Done>> AskAsync(string reason) => await Moves.AskApprovalAsync(_input, reason, await SignedIn.ActorAsync(), CancellationToken.None);

    private async Task FocusInvalidAsync()
    {
        await Task.Yield(); // Until the messages are rendered.
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }
}
