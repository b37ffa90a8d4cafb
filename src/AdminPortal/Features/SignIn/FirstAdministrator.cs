using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Secrets;

namespace AdminPortal.Features.SignIn;

/// <summary>
/// The way in to a portal that nobody can sign in to yet: a one-time link that the console prints at every start until
/// there is an administrator. Whoever reads the console runs the portal.
/// </summary>
public sealed class FirstAdministrator(PeopleService people, SignInWays ways) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private byte[]? _codeHash;

    /// <summary>Makes the setup code where there is no administrator yet.</summary>
    /// <returns>The code; null when there is an administrator, or where nobody could use a password.</returns>
    public async Task<string?> OpenAsync(CancellationToken cancellationToken)
    {
        if (!ways.TakesPasswords || await people.HasAdministratorAsync(cancellationToken)) return null;
        var code = OneTimeValue.Create();
        _codeHash = OneTimeValue.Hash(code);
        return code;
    }

    /// <summary>Whether this is the code of an open setup.</summary>
    public bool Accepts(string? code) => OneTimeValue.Matches(code, _codeHash);

    /// <summary>Creates the administrator, once.</summary>
    /// <param name="code">The one-time code.</param>
    /// <param name="email">Who it will be.</param>
    /// <param name="password">The password.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    /// <returns>The user, or what is wrong with the input; null for a code that does not work (any more).</returns>
    public async Task<Result<PortalUser>?> CreateAsync(string? code, string email, string password, string? from, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (!Accepts(code)) return null;
            var created = await people.CreateAdministratorAsync(email, password, from, cancellationToken);
            // NotNow: there is an administrator, who has come by single sign-on or by another process.
            var isOver = created.Succeeded || created.Problems[0].Kind == ProblemKind.NotNow;
            if (isOver) _codeHash = null;
            if (isOver && !created.Succeeded) return null;
            return created;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _oneAtATime.Dispose();
}
