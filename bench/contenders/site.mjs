/** Where every contender believes to be, and where the requests of its sign-in page come from. */
export const origin = "http://localhost:3000"

/** Signs or seals whatever a contender signs or seals. */
export const secret = "k3Yz0aQ8vR1mX5tB7nJ2wC9dF4gH6sLp"
