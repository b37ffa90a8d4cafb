using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Accounts;

internal static class AccountServices
{
    /// <summary>Adds platform accounts: input, move to another address, sealing their secrets again.</summary>
    public static void AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AccountService>();
        services.AddSingleton<AccountReseal>();
        services.AddSingleton<AccountMoveService>();
    }
}
