using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Accounts;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Accounts;

/// <summary>Form for moving an account to another host, with the list of what moves.</summary>
public sealed partial class AccountMovePage
{
    private AccountInput _input = new();
    private AccountMove? _move;
    private bool _gone;

    [Inject]
    public required AccountMoveService Moves { get; set; }

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

    private Task MoveAsync() => SendAsync(actor => Moves.MoveAsync(_input, actor, CancellationToken.None), "/accounts", () => _input.Name);

    private async Task<Result<Done>> AskAsync(string reason) => await Moves.AskApprovalAsync(_input, reason, await SignedIn.ActorAsync(), CancellationToken.None);
}
